import{H as t,u as o}from"./chunk-IFO5BVNP.js";function p({site:a}){return t("h2",{"data-site":a,children:o("tab_ask")})}export{p as AskPage};
